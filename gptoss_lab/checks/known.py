"""Packages that are known by name: only these are offered to be added.

A name that a model made up may be somebody's trap: people register names that models are seen to invent. So
the lists hold packages that are widely used, and of R those that Debian has looked at and built.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_DEBIAN_R = Path(__file__).with_name("debian_r.txt")
_PYTHON = """
absl-py adjusttext aiohttp albumentations altair anndata ansi2html anyio arch arviz asciitree astropy
astroquery asttokens attrs autograd baycomp bayesian-optimization beautifulsoup4 biopython blake3 bokeh
boltons bottleneck branca calmap cartopy catboost category-encoders causalml chainer chardet click
clickhouse-connect clifford cloudpickle cmdstanpy cobra colorama colorcet colorlog contextily control corner
cramjam cryptography cvxopt cvxpy cycler cython dask dask-ml datasets datashader dateparser deap deepdiff
descartes dill diskcache distributed docopt dowhy duckdb econml einops elephant emcee emoji ephem esda
evaluate faiss-cpu faker fastai fastavro fastcluster fastdtw fasteners fastparquet feather-format
feature-engine filterpy fiona flake8 flaky flax folium formulaic fuzzywuzzy gensim geopandas geoplot geopy
giotto-tda gitpython gmpy2 gplearn gpytorch graphviz gurobipy h3 h5netcdf h5py hdbscan healpy hmmlearn
holidays holoviews httpx huggingface-hub humanize hvplot hyperopt igraph imageio imbalanced-learn imgaug
inflect interpret ipywidgets isodate jax jaxlib jedi jellyfish jieba jinja2 joblib jsonlines jsonpickle
jsonschema kaleido keras kneed kornia lancedb langdetect lifelines lightgbm lightning lime linearmodels
llvmlite lmfit logomaker loguru lxml lz4 mapclassify markdown matplotlib matplotlib-venn mdanalysis mesa
meson mlflow mlxtend mne modin momepy more-itertools mplfinance mpmath multiprocess music21 nashpy netcdf4
networkx neurokit2 nibabel nilearn nltk nolds numba numexpr numpy numpyro odfpy openai opencv-python
opencv-python-headless openpyxl optax optuna orjson ortools osmnx pandas pandas-datareader pandera panel
papermill param pastas patsy peft pgmpy pillow pingouin pint plotly plotnine pmdarima polars pooch pot
prettytable prince prophet psutil psycopg2-binary pulp py3dmol pyarrow pycaret pycountry pydantic pydeck
pydicom pydot pyfftw pygad pygam pygments pyhf pykalman pylint pymannkendall pymc pymongo pymoo pyod pyogrio
pyomo pypdf pyproj pyreadstat pyro-ppl pysal pyscf pysindy pystan pytest python-dateutil python-docx
python-igraph python-louvain python-pptx pytimeparse pytorch-lightning pytz pyvis pyvista pywavelets pyyaml
pyzmq quantecon quantities quantstats rapidfuzz rasterio ray rdflib rdkit regex requests rich ripser river
ruptures salib scanpy scikit-bio scikit-fuzzy scikit-image scikit-learn scikit-optimize scikit-posthocs
scikit-survival scipy seaborn sentence-transformers sentencepiece shap shapely simpy sktime smogn soundfile
spacy sparse sqlalchemy squarify stanza statsforecast statsmodels stumpy sweetviz sympy tables tabulate
tensorboard tensorflow tensorflow-probability textblob tiktoken toolz torch torch-geometric torchaudio
torchmetrics torchvision tqdm transformers trimesh tsfresh tslearn typing-extensions tzdata umap-learn
uncertainties unidecode vadersentiment vega-datasets visions vtk wordcloud wrapt xarray xgboost xlrd
xlsxwriter xlwt xmltodict yellowbrick yfinance zarr zstandard
"""


def normal(name: str) -> str:
    """Normalise a distribution's name.

    Source: https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def known_python() -> frozenset[str]:
    """Return the distributions that are known, their names normalised."""
    return frozenset(map(normal, _PYTHON.split()))


@cache
def known_r() -> frozenset[str]:
    """Return the R packages that Debian has, in lower case."""
    return frozenset(_DEBIAN_R.read_text(encoding="ascii").split())
