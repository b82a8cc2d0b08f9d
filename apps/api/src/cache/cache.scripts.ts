import { defineScript, type CommandParser } from 'redis';

/** The first 42 characters of an entry: epoch (16), timeline (8) and LSN (16) in hexadecimal, so that text order is theirs. */
const helpers = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

const script = (text: string, keys: number) =>
  defineScript({
    SCRIPT: helpers + text,
    NUMBER_OF_KEYS: keys,
    parseCommand(parser: CommandParser, ...values: string[]) {
      parser.pushKeys(values.slice(0, keys));
      parser.push(...values.slice(keys));
    },
    transformReply: undefined as unknown as () => unknown,
  });

/** Each change of a cached resource is one script, so that it happens in one step. */
export const scripts = {
  /** KEYS epoch, lease. ARGV epoch to begin where there is none, lease ms. → epoch, whether the lease was free */
  cacheAcquire: script(
    `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local free = redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2])
return { redis.call('GET', KEYS[1]), free and 1 or 0 }`,
    2,
  ),

  /** KEYS epoch, entry, floor, pending, lease. ARGV epoch, timeline, lsn, ttl ms, entry. → stored, or why not */
  cacheFill: script(
    `
redis.call('DEL', KEYS[5])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'epoch' end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', nowMs())
if redis.call('ZCARD', KEYS[4]) > 0 then return 'pending' end
local timeline, lsn = ARGV[2], ARGV[3]
local floor = redis.call('GET', KEYS[3])
if floor and (timeline < string.sub(floor, 1, 8) or lsn < string.sub(floor, 10, 25)) then return 'floor' end
local head = redis.call('GETRANGE', KEYS[2], 0, 41)
if string.sub(head, 1, 16) == ARGV[1] then
  local kept = string.sub(head, 18, 25)
  if kept > timeline or (kept == timeline and string.sub(head, 27, 42) > lsn) then return 'older' end
end
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[4])
return 'stored'`,
    5,
  ),

  /** A write is about to be committed. KEYS entry, pending. ARGV mark, its life in ms. */
  cacheMark: script(
    `
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[2], nowMs() + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1`,
    2,
  ),

  /** It was committed. KEYS entry, pending, floor. ARGV mark, timeline, lsn, floor's life in ms. */
  cacheRaise: script(
    `
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
local raised = ARGV[2] .. ' ' .. ARGV[3]
local floor = redis.call('GET', KEYS[3])
if floor and floor > raised then raised = floor end
redis.call('SET', KEYS[3], raised, 'PX', ARGV[4])
return 1`,
    3,
  ),
};
