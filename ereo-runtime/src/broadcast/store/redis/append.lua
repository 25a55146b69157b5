-- Appends a batch, each message once: what the producer has appended before is told by its number. `KEYS[3]` is the
-- producer's, `ARGV` its name, the number of its first message, the epoch if one is to begin, the oldest offset to keep, the
-- channel, the milliseconds to live of the log, of the producer and of the messages, and these. The answer is the epoch that
-- goes on, those that have ended, and where the messages stand: number, count and offset of each stretch.
local FIXED = 8
local producer, who, first = KEYS[3], ARGV[1], tonumber(ARGV[2])
local log, failed = open(ARGV[3])
if failed then
  return failed
end

local tag = server()
local is_forked = log.t ~= tag
if is_forked then
  log.c = log.c .. log.e .. ':' .. text(log.o) .. ','
  local _, ended = string.gsub(log.c, ',', '')
  if ended > KEPT_EPOCHS then
    log.c = string.gsub(log.c, '^[^,]*,', '')
  end
  log.e, log.t = ARGV[3], tag
end

local places, known, done = {}, '', first - 1
for from, count, at in string.gmatch(redis.call('GET', producer) or '', '(%d+) (%d+) (%d+);') do
  local last = tonumber(from) + tonumber(count) - 1
  done = math.max(done, last)
  if last >= first then
    table.insert(places, { tonumber(from), tonumber(count), tonumber(at) })
    known = known .. from .. ' ' .. count .. ' ' .. at .. ';'
  end
end

local skipped = math.min(done - first + 1, #ARGV - FIXED)
local count = #ARGV - FIXED - skipped
if count > 0 then
  local time = redis.call('TIME')
  local head = '\1' .. struct.pack('>I8', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)) .. who
  local entries, news = {}, { '\1', log.e, struct.pack('>I8', log.o + 1) }
  for index = FIXED + skipped + 1, #ARGV do
    local entry = head .. ARGV[index]
    table.insert(entries, entry)
    table.insert(news, struct.pack('>I4', #entry))
    table.insert(news, entry)
  end
  local oldest, before = tonumber(ARGV[4]), log.o
  local length = redis.call('RPUSH', list, unpack(entries))
  log.o = log.o + count
  table.insert(places, { first + skipped, count, before + 1 })
  known = known .. text(first + skipped) .. ' ' .. text(count) .. ' ' .. text(before + 1) .. ';'
  write(log)
  redis.call('SET', producer, known, 'PX', ARGV[7])
  -- One that is ahead of the log is of what the server has forgotten.
  local surplus = oldest - (log.o - length + 1)
  if surplus > 0 and oldest <= before + 1 then
    redis.call('LTRIM', list, surplus, -1)
  end
  redis.call('PEXPIRE', meta, ARGV[6])
  redis.call('PEXPIRE', list, ARGV[8])
  redis.call('PUBLISH', ARGV[5], table.concat(news))
elseif is_forked then
  write(log)
end
return { log.e, log.c, places }
