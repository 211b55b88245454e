-- Batches of fifty calls: BENCH_KIND=offline for one visitor's waiting page views, back_end for fifty customers.
-- The same as benchmarks/traffic.py writes.
local seed = os.getenv("BENCH_SEED") or "1"
local key = os.getenv("BENCH_WRITE_KEY")
local kind = os.getenv("BENCH_KIND") or "offline"
local size, between, customers = 50, 10, 200000
function init()
  math.randomseed(os.time() + #seed)
  count = 0
end
local agent = '","context":{"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36","locale":"de-CH","page":{"url":"https://shop.example/product/'
local function offline(batch)
  local calls, now = {}, os.time()
  for place = 1, size do
    calls[place] = '{"type":"page","messageId":"' .. batch .. "-" .. place .. '","timestamp":"'
      .. os.date("!%Y-%m-%dT%H:%M:%S.000Z", now - (size - place) * between) .. '","anonymousId":"visitor-' .. batch
      .. agent .. math.random(500) .. '?utm_source=news","title":"A product","referrer":"https://www.google.com/"}}}'
  end
  return '"sentAt":"' .. os.date("!%Y-%m-%dT%H:%M:%S.000Z", now) .. '","batch":[' .. table.concat(calls, ",") .. "]"
end
local function back_end(batch)
  local calls = {}
  for place = 1, size do
    local id = batch .. "-" .. place
    calls[place] = '{"type":"track","event":"Order Completed","messageId":"' .. id .. '","userId":"customer-'
      .. math.random(customers) .. '","properties":{"orderId":"' .. id .. '","total":49.9,"currency":"CHF"}}'
  end
  return '"batch":[' .. table.concat(calls, ",") .. "]"
end
local written = { offline = offline, back_end = back_end }
function request()
  count = count + 1
  local body = '{"writeKey":"' .. key .. '",' .. written[kind](seed .. "-" .. count) .. "}"
  return wrk.format("POST", "/v1/batch", { ["Content-Type"] = "text/plain" }, body)
end
function done(summary, latency, requests)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %.3f %.3f %d\n", summary.requests, summary.duration, errors,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes))
end
