-- A walk through Lua: tables, closures, coroutines, patterns, files, errors, a collector at work.
local function show(...) print(select("#", ...), ...) end
show(1, "two", 3.5, nil, true)
local words = {}
for word in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = word end
table.sort(words)
print(table.concat(words, ","))
local counts = setmetatable({}, { __index = function() return 0 end })
for _, word in ipairs(words) do counts[word] = counts[word] + 1 end
print(counts.the, counts.fox, counts.cat)
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(20), 2 ^ 53, 7 // 2, 7 % 3, -7 // 2, 1 << 40, 0xff ~ 0x0f)
local producer = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(producer(), producer(), producer())
print(pcall(error, { code = 7 }))
print(pcall(function() local x = nil; return x.field end))
print(("%5.2f|%-8s|%05d|%q"):format(math.pi, "left", 42, "quoted\n"))
print(("hello"):rep(3, "-"), ("hello"):byte(1, 3), ("x=1,y=2"):gsub("(%w)=(%w)", "%2=%1"))
local name = os.tmpname()
local file = assert(io.open(name, "w"))
for i = 1, 1000 do file:write(i, "\n") end
file:close()
local sum = 0
for line in io.lines(name) do sum = sum + tonumber(line) end
print(sum)
os.remove(name)
print(select("#", io.open(name)), (select(2, io.open(name)):gsub("^.*: ", "")))
local pipe = io.popen("echo from a pipe; exit 3")
print(pipe:read("a"), pipe:close())
for i = 1, 200 do local t = {}; for j = 1, 1000 do t[j] = { j } end end
collectgarbage()
print(collectgarbage("count") < 4000)
print(os.execute("exit 5"))
print(string.pack("<i4", 305419896):byte(1, -1))
print(utf8.char(228, 8364), utf8.len("äöü"))
print(load("return 6 * 7")())
goto done
print("not reached")
::done::
print(os.time({ year = 2026, month = 1, day = 2, hour = 3 }), os.getenv("HOME"))
