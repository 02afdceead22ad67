#!lua flags=no-writes
-- Reads the versions of all profiles of a window with the shard's watermark, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  profiles of the window (hash)
--
-- Returns {{watermark, announced watermark, idle}, {field, version, …}}.

local fields = redis.call('HGETALL', KEYS[2])
for at = 2, #fields, 2 do fields[at] = string.match(fields[at], '^-?%d+') end
return { redis.call('HMGET', KEYS[1], 'watermark', 'announced_watermark', 'idle'), fields }
