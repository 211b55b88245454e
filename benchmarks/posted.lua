-- The requests of a file, one a line after the other and again from its beginning, each of a new message. A line is a
-- path, a tab, and the body without its beginning, the message id.
local seed = os.getenv("BENCH_SEED") or "1"
local lines = {}
for line in io.lines(os.getenv("BENCH_POSTED")) do
  local path, rest = line:match("^(%S+)\t(.*)$")
  lines[#lines + 1] = { path, rest }
end
local headers = { ["Content-Type"] = "text/plain" }
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
function init()
  count = 0
end
function request()
  count = count + 1
  local line = lines[(count - 1) % #lines + 1]
  return wrk.format("POST", line[1], headers, '{"messageId":"' .. seed .. "-" .. number .. "-" .. count .. '"' .. line[2])
end
function done(summary, latency, requests)
  io.write(string.format("errors %d %d %d %d\n", summary.errors.status, summary.errors.connect, summary.errors.read, summary.errors.timeout))
  io.write(string.format("RESULT %d %d %d %.3f %.3f %d\n", summary.requests, summary.duration, summary.errors.status
    + summary.errors.connect + summary.errors.read + summary.errors.timeout, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.bytes))
end
