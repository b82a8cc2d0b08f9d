import { oldRowInCache } from './cache.lesson.js';
import { exactlyOnce } from './exactly-once.lesson.js';
import { firstFailover } from './first-failover.lesson.js';
import type { Lesson } from './lesson.js';
import { quorum } from './quorum.lesson.js';
import { staleReplica } from './stale-replica.lesson.js';
import { quietSwitchover } from './switchover.lesson.js';
import { twoFailures } from './two-failures.lesson.js';
import { zombieLeader } from './zombie.lesson.js';

/** Every lesson, the simple ones first. Each stands for itself. */
export const lessons: readonly Lesson[] = [
  firstFailover,
  staleReplica,
  exactlyOnce,
  quorum,
  zombieLeader,
  oldRowInCache,
  quietSwitchover,
  twoFailures,
];
