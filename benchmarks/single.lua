-- One page view a request, each of a new message; visitors return, as they do on a site. BENCH_KIND identifying: one
-- call in ten is an identify, and two visitors each tell the same e-mail address.
local seed = tonumber(os.getenv("BENCH_SEED") or "1")
local key = os.getenv("BENCH_WRITE_KEY")
local visitors = tonumber(os.getenv("BENCH_VISITORS") or "5000")
local identify_every = os.getenv("BENCH_KIND") == "identifying" and 10 or 0
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
function init()
  math.randomseed(seed * 1000 + number)
  count = 0
end
local head = '{"writeKey":"' .. key .. '","type":"page","messageId":"'
local identify = '{"writeKey":"' .. key .. '","type":"identify","messageId":"'
local agent = ',"context":{"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36","locale":"de-CH","page":{"url":"https://shop.example/product/'
function request()
  count = count + 1
  local id = seed .. "-" .. number .. "-" .. count
  local visitor = math.random(visitors) - 1
  local is_identify = identify_every > 0 and count % identify_every == 0
  local body = (is_identify and identify or head) .. id .. '","anonymousId":"visitor-' .. visitor
    .. (is_identify and '","traits":{"email":"person-' .. math.floor(visitor / 2) .. '@mail.example"}' or '"')
    .. agent .. math.random(500)
    .. '?utm_source=news","title":"A product","referrer":"https://www.google.com/"}}}'
  if is_identify then
    return wrk.format("POST", "/v1/identify", {["Content-Type"] = "text/plain"}, body)
  end
  return wrk.format("POST", "/v1/page", {["Content-Type"] = "text/plain"}, body)
end
function done(summary, latency, requests)
  io.write(string.format("errors %d %d %d %d\n", summary.errors.status, summary.errors.connect, summary.errors.read, summary.errors.timeout))
  io.write(string.format("RESULT %d %d %d %.3f %.3f %d\n", summary.requests, summary.duration, summary.errors.status
    + summary.errors.connect + summary.errors.read + summary.errors.timeout, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.bytes))
end
