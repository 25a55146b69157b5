-- What both scripts begin with. A log is a hash, `KEYS[1]`, and a list of its newest messages, `KEYS[2]`. The hash has the
-- format `v`, the epoch that goes on `e`, the offset of the newest message `o`, the tag of the server that wrote last `t`, and
-- the epochs that have ended with their last offsets `c`, as `epoch:offset,`. In the list an index is an offset: the last one is
-- `o`. What a script does is done as a whole, so that hash and list are of one moment, also in what a server is restored from.
local KEPT_EPOCHS = 32
local meta, list = KEYS[1], KEYS[2]

-- Offsets as Lua's own conversion writes them have fourteen digits.
local function text(number)
  return string.format('%.0f', number)
end

-- Another one whenever the server may have gone back: a process that starts has another run_id, a replica that is promoted
-- another master_replid. Asked here, since a connection may go through a proxy and outlive both.
local function server()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return (run or '') .. ':' .. (replid or '')
end

local function foreign(key)
  return redis.error_reply('EREOFOREIGN ' .. key)
end

-- The log, or why there is none. `fresh` is the epoch of one that begins.
local function open(fresh)
  local kind = redis.call('TYPE', list).ok
  if kind ~= 'list' and kind ~= 'none' then
    return nil, foreign(list)
  end
  if kind == 'list' and string.byte(redis.call('LINDEX', list, 0)) ~= 1 then
    return nil, foreign(list)
  end
  local hash = redis.call('TYPE', meta).ok
  if hash == 'none' then
    -- Without the hash nobody knows what the messages' offsets are.
    if kind == 'list' then
      redis.call('DEL', list)
    end
    return { e = fresh, o = 0, t = server(), c = '', is_new = true }
  end
  if hash ~= 'hash' then
    return nil, foreign(meta)
  end
  local v = redis.call('HMGET', meta, 'v', 'e', 'o', 't', 'c')
  if v[1] and v[1] ~= '1' and v[2] then
    return nil, redis.error_reply('EREONEWER ' .. v[1])
  end
  if not (v[1] and v[2] and v[3] and v[4] and v[5]) then
    return nil, foreign(meta)
  end
  return { e = v[2], o = tonumber(v[3]), t = v[4], c = v[5] }
end

local function write(log)
  redis.call('HSET', meta, 'v', '1', 'e', log.e, 'o', text(log.o), 't', log.t, 'c', log.c)
end
