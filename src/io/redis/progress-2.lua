#!lua flags=no-writes
-- Reads how far a shard has come and which of its windows have changed, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  changed windows of the shard (sorted set)
--
-- Returns {{predictions offset, labels offset, greatest event time, idle, start of the first complete window, watermark, when
--         it passed the newest end of a window, and both as announced since}, {member, score, …} in order of score}.

return {
  redis.call('HMGET', KEYS[1], 'predictions_offset', 'labels_offset', 'max_event_time', 'idle', 'complete_from', 'watermark',
    'passed_at', 'announced_watermark', 'announced_passed_at'),
  redis.call('ZRANGE', KEYS[2], '0', '-1', 'WITHSCORES'),
}
