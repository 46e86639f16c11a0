"""What a data scientist shows, and expects to see."""

import matplotlib

matplotlib.use("agg")
import io

import pandas as pd
from IPython.display import HTML, JSON, SVG, Image, Latex, Markdown, display
from matplotlib import pyplot
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

frame = pd.DataFrame({"city": ["Oslo", "Rome"], "degrees": [3.5, 21.0]})
display(frame)
display(
    HTML("""<style type="text/css">#T_1_row1_col1 { background-color: gold; color: black; }</style>
<table id="T_1"><caption>styled</caption><tbody>
<tr><td id="T_1_row0_col1" class="data row0 col1" >3.500000</td></tr>
<tr><td id="T_1_row1_col1" class="data row1 col1" >21.000000</td></tr>
</tbody></table>""")
)  # as pandas writes a Styler
figure, axes = pyplot.subplots(figsize=(3, 2))
axes.plot([1, 2, 3], [2, 1, 3], marker="o")
axes.set_title("drawn")
for kind in ("svg", "png"):
    stream = io.BytesIO()
    figure.savefig(stream, format=kind)
    display(SVG(stream.getvalue().decode()) if kind == "svg" else Image(stream.getvalue(), width=200))
display(Latex(r"$\displaystyle \int_0^1 \frac{x^2}{\sqrt{2}} \, dx$"))
display(Markdown("## A heading\n\n* **bold** and $e^{i\\pi} + 1 = 0$\n\n|a|b|\n|-|-|\n|1|2|"))
display(JSON({"answer": [42]}, expanded=True))
display(make_pipeline(StandardScaler(), LogisticRegression()))
print("\x1b[31mred\x1b[0m")
print("20 %\r100 %")
print("the end")
