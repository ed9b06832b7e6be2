"""Settings of the documentation. `sphinx-build -W --keep-going docs site` makes it, without any network."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_tools"))

project = "pooltwin"
author = "the pooltwin maintainers"
project_copyright = "the pooltwin maintainers, MIT licence"
release = version = version_of("pooltwin")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "generated", "docstrings"]
exclude_patterns = ["changes", "_tools", "_generated/commands.md", "_generated/errors.md", "_generated/releases.md"]
suppress_warnings = [
    "ref.python"
]  # annotations name classes that several modules have, as `Pool` and the protocol `Pool`

default_role = "code"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
myst_links_external_new_tab = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"pooltwin {release}"
html_static_path: list[str] = []
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True, "footer_icons": []}
copybutton_exclude = ".linenos, .gp, .go"
