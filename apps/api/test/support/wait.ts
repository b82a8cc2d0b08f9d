export { until, type Bound } from '../../../lab/src/lab/wait.js';
