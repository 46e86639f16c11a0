"""What the magics say of themselves."""

from __future__ import annotations

HELP = """\
%%gptoss [options]        the task stands below, in words; cells come below as pending changes
  --docs S…               documentation to use: packages, paths, web addresses
  --paper P               cells implement this paper: a file, an arXiv id, a DOI, a web address
  --lang python|r         the language of the cells; else that of the kernel
  --effort low|medium|high   how long the model may think
  --verify off|run|repair    run the cells in a sandbox, and repair what fails
  --cells N               at most N code cells, 1 to 40
  --replace               the new cells take the place of this one; only in JupyterLab
  --dry-run               show what would be sent, and send nothing
  --help                  this text

{name} in the task names a variable of a Python kernel: its type, columns and shape are sent, never its
data; text and numbers are sent with their value. {{name}} is the word in braces.

%gptoss sources           the documentation that is indexed
%gptoss status            which generator answers, and whether cells can be verified
%gptoss model             the model and what it does now
%gptoss history           the last generations
%gptoss help              this text

Nothing that is generated is run in your kernel. In JupyterLab you accept or reject each cell; elsewhere the
cells are only printed, by a server that GPTOSS_LAB_URL and GPTOSS_LAB_TOKEN name.
"""

NO_SERVER = """\
Nothing was sent: no page of JupyterLab with gptoss-lab runs this cell, and no server is named.
  In JupyterLab: install gptoss-lab where JupyterLab runs, then run the cell there.
  Elsewhere: set GPTOSS_LAB_URL, such as http://localhost:8888/, and GPTOSS_LAB_TOKEN, then run it again.
"""

NO_NETWORK = """\
A sandbox has no network, so this kernel can ask no server; nothing was sent. In JupyterLab the page answers
%gptoss and %%gptoss by itself: let the line stand first in a cell of its own. Elsewhere use a kernel outside
the sandbox, or `jupyter gptoss generate` in a terminal.
"""

HANDED_OVER = "gpt-oss writes cells for this task below. They wait for your review; none has run."
