#!lua flags=no-writes
-- Reads how far a shard has come and which of its windows have changed, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  changed windows of the shard (sorted set)
--
-- Returns {{watermark, greatest event time, idle}, {member, score, …} in order of score}.

return {
  redis.call('HMGET', KEYS[1], 'watermark', 'max_event_time', 'idle'),
  redis.call('ZRANGE', KEYS[2], '0', '-1', 'WITHSCORES'),
}
