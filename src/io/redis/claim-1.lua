#!lua
-- Makes a token the owner of a shard: whoever owned it before is fenced from now on.
--
-- KEYS[1]  meta of the shard (hash)
--
-- ARGV[1]  token of the new owner
--
-- Returns predictions offset, labels offset, watermark, greatest event time, time of the last passing, idle, labels,
--         start of the first complete window;
--         all nil when no checkpoint has ever been written.

redis.call('HSET', KEYS[1], 'token', ARGV[1])
return redis.call('HMGET', KEYS[1], 'predictions_offset', 'labels_offset', 'watermark', 'max_event_time', 'passed_at',
  'idle', 'labels', 'complete_from')
