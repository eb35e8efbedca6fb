-- Sends the requests of a file: one a line, of five fields between tabs, which are method, path,
-- reader's address, headers as name=value between U+001F, and body. {id} in a body becomes another
-- number each time.
--
-- Arguments: the file; "again" (over and over, until the time is up) or "once" (each line one time);
-- and what is counted as accepted: the statuses of such answers, or plain text within them ("": any).

local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int pid, int signal);")
local SIGINT = 2

local requests, position, serial = {}, 0, 0
local is_once, wanted
accepted, answered = 0, 0

local function read(file)
  for line in io.lines(file) do
    local method, path, address, headers, body =
      line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local fields = { ["X-Forwarded-For"] = address }
    for name, value in headers:gmatch("([^=\31]+)=([^\31]*)") do
      fields[name] = value
    end
    local before, after = body:match("^(.-){id}(.*)$")
    if before then
      -- Formatted around a number of the same length.
      body = before .. string.rep("0", 18) .. after
    end
    local text = wrk.format(method, path, fields, body ~= "" and body or nil)
    if before then
      local from = #text - #body + #before
      requests[#requests + 1] = { text:sub(1, from), text:sub(from + 19) }
    else
      requests[#requests + 1] = { text }
    end
  end
end

local function judge(status, headers, body)
  answered = answered + 1
  local text = wanted:match("^[%d ]+$") and tostring(status) or nil
  if text and wanted:find(text, 1, true) or not text and body:find(wanted, 1, true) then
    accepted = accepted + 1
  end
  if is_once and answered == #requests then
    -- wrk ends by the clock alone, or as if somebody had pressed Ctrl+C.
    ffi.C.kill(ffi.C.getpid(), SIGINT)
  end
end

function init(arguments)
  is_once, wanted = arguments[2] == "once", arguments[3] or ""
  -- Of one run's ids none is another's.
  serial = os.time() % 1e7 * 1e8
  read(arguments[1])
  -- Without it wrk need not look into the answers.
  if is_once or wanted ~= "" then
    response = judge
  end
end

function request()
  position = position + 1
  if position > #requests then
    position = is_once and #requests or 1
  end
  local found = requests[position]
  if not found[2] then
    return found[1]
  end
  serial = serial + 1
  return found[1] .. string.format("0.%016.0f", serial) .. found[2]
end

local threads = {}
function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local sum = 0
  for _, thread in ipairs(threads) do
    sum = sum + thread:get("accepted")
  end
  local errors = summary.errors
  print(string.format(
    '\n{"requests": %d, "microseconds": %d, "bytes": %d, "accepted": %d, "bad": %d, '
      .. '"broken": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration, summary.bytes, sum, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
end
