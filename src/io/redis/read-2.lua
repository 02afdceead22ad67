#!lua flags=no-writes
-- Reads all profiles of a window with the shard's watermark, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  profiles of the window (hash)
--
-- Returns {{watermark, announced watermark, idle}, {field, value, …}}.

return { redis.call('HMGET', KEYS[1], 'watermark', 'announced_watermark', 'idle'), redis.call('HGETALL', KEYS[2]) }
