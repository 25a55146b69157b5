-- Reads a part of a log. `ARGV` has the epoch of a log that begins, the offset to read behind or `newest`, how many messages
-- and bytes at the most, and the milliseconds to live of a log that begins. The answer is the epoch that goes on, those that
-- have ended, the offset of the newest message, the server's time in milliseconds, and the first message's offset with the
-- messages.
local CHUNK = 128
local log, failed = open(ARGV[1])
if failed then
  return failed
end
if log.is_new then
  write(log)
  redis.call('PEXPIRE', meta, ARGV[5])
end

local most, most_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local length = redis.call('LLEN', list)
local base = log.o - length
local entries, bytes, is_full = {}, 0, false

-- Whether there is room for one more.
local function take(entry)
  bytes = bytes + #entry
  is_full = #entries >= most or (bytes > most_bytes and #entries > 0)
  if not is_full then
    table.insert(entries, entry)
  end
end

local first
if ARGV[2] == 'newest' then
  local last = length - 1
  while last >= 0 and not is_full do
    local part = redis.call('LRANGE', list, math.max(0, last - CHUNK + 1), last)
    for index = #part, 1, -1 do
      if not is_full then
        take(part[index])
      end
    end
    last = last - #part
  end
  for index = 1, math.floor(#entries / 2) do
    local other = #entries - index + 1
    entries[index], entries[other] = entries[other], entries[index]
  end
  first = log.o - #entries + 1
else
  local next = math.max(0, tonumber(ARGV[2]) - base)
  first = base + next + 1
  while next < length and not is_full do
    local part = redis.call('LRANGE', list, next, next + CHUNK - 1)
    for _, entry in ipairs(part) do
      if not is_full then
        take(entry)
      end
    end
    next = next + #part
  end
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return { log.e, log.c, log.o, now, first, entries }
