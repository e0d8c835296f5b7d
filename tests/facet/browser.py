"""Looks at a page in a headless browser, and says what of it could not be read."""

import html
import json
import re
import shutil
import subprocess
import tempfile

import pytest

CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(
    not CHROMIUM, reason="NOT CHECKED that pages can be read: there is no chromium to look at them")
LEAST_LETTER = 7.5              # pixels: smaller ones are not read
SLACK = 1                       # pixels that rectangles may share

# What is asked of the page; folded parts are opened, for they have to fit too.
SCRIPT = """
<script>
for (const each of document.querySelectorAll("details")) each.open = true;
const found = [];
const root = document.documentElement;
if (root.scrollWidth > WIDTH)
    for (const each of document.querySelectorAll("body *"))
        if (each.getBoundingClientRect().right > WIDTH + 1)
            found.push(`${each.tagName} ${each.className} is wider than WIDTH pixels`);
for (const svg of document.querySelectorAll("svg")) {
    const box = svg.getBoundingClientRect();
    if (box.width == 0) continue;
    const name = svg.closest("figure").id, scale = box.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")].map(
        each => ({text: each.textContent, box: each.getBoundingClientRect(),
              size: parseFloat(getComputedStyle(each).fontSize) * scale}));
    texts.forEach((a, place) => {
        const out = Math.max(box.left - a.box.left, a.box.right - box.right,
                             box.top - a.box.top, a.box.bottom - box.bottom);
        if (out > SLACK) found.push(`${name}: ${a.text} leaves the picture by ${out} pixels`);
        if (a.size < LEAST) found.push(`${name}: ${a.text} is ${a.size} pixels high`);
        for (const b of texts.slice(place + 1))
            if (Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > SLACK &&
                Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 3)
                found.push(`${name}: ${a.text} / ${b.text} overlap`);
    });
}
parent.document.getElementById("faults").textContent = JSON.stringify(found);
</script>
"""


def look(path, width: int) -> list[str]:
    """What is too wide, too small, outside of its picture or over another text. The page is looked
    at in a frame: the window itself is never as narrow as a phone."""
    script = SCRIPT.replace("WIDTH", str(width)).replace("LEAST", str(LEAST_LETTER))
    page = path.read_text(encoding="utf-8") + script.replace("SLACK", str(SLACK))
    frame = path.with_name(f"{path.stem}-{width}.html")
    frame.write_text(f'<!DOCTYPE html><meta charset="utf-8"><pre id="faults"></pre>'
                     f'<iframe width="{width}" height="2000" '
                     f'style="border: 0" srcdoc="{html.escape(page)}"></iframe>', encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-background-networking", f"--user-data-dir={profile}",
             f"--window-size={width + 600},2000", "--dump-dom", f"file://{frame}"],
            capture_output=True, text=True, timeout=120, check=True)
    match = re.search(r'<pre id="faults">(.*?)</pre>', done.stdout, re.S)
    assert match and match[1], "the page was not looked at"
    return json.loads(html.unescape(match[1]))
