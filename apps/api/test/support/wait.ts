export { until, type Bound } from '../../../../libs/cluster/src/wait.js';
