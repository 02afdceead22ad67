#!lua flags=allow-oom
-- Takes messages off the outbox that the brokers have acknowledged.
--
-- KEYS[1]  messages to send (stream)
--
-- ARGV[1…] entry and message id, in turn
--
-- After a roll-back an entry may come again for another message: only the message that was sent is taken off.
--
-- Returns how many were taken off.

local taken = 0
for at = 1, #ARGV, 2 do
  local found = redis.call('XRANGE', KEYS[1], ARGV[at], ARGV[at])[1]
  if found then
    for i = 1, #found[2], 2 do
      if found[2][i] == 'id' and found[2][i + 1] == ARGV[at + 1] then
        taken = taken + redis.call('XDEL', KEYS[1], ARGV[at])
      end
    end
  end
end
return taken
