#!lua flags=no-writes
-- Reads how far a shard has come and which of its windows have changed, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  changed windows of the shard (sorted set)
--
-- Returns {{predictions offset, labels offset, watermark, greatest event time, time of the last passing, idle, start of the
--         first complete window}, {member, score, …} in order of score}.

return {
  redis.call('HMGET', KEYS[1], 'predictions_offset', 'labels_offset', 'watermark', 'max_event_time', 'passed_at', 'idle',
    'complete_from'),
  redis.call('ZRANGE', KEYS[2], '0', '-1', 'WITHSCORES'),
}
