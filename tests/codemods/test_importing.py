"""Imports after an edit: a pure function over the text before and the tree after it."""

from __future__ import annotations

import libcst as cst
import pytest

from assistants_codemods.importing import with_imports

_WANTED = {"nothing": [], "a name": [("shop.models", "Cart")], "a module": [("json", None)], "a relative name": [(".models", "Cart")]}


@pytest.mark.parametrize(
    ("before", "edited", "wanted", "after"),
    [
        pytest.param(
            "from a import (\n    one,  # first\n    # about two\n    two,\n    three,\n)\nuse(one, two, three)\n",
            "from a import (\n    one,  # first\n    # about two\n    two,\n    three,\n)\nuse(two, three)\n",
            "nothing",
            "from a import (\n    # about two\n    two,\n    three,\n)\nuse(two, three)\n",
            id="a comment about what stays stays",
        ),
        pytest.param(
            "from a import (\n    one,\n    two,\n)\nuse(one, two)\n",
            "from a import (\n    one,\n    two,\n)\nuse(one)\n",
            "nothing",
            "from a import (\n    one,\n)\nuse(one)\n",
            id="the last name of several lines goes with its line",
        ),
        pytest.param(
            "import a; import b; b.use(a)\n",
            "import a; import b; b.use()\n",
            "nothing",
            "import b; b.use()\n",
            id="one line of many imports",
        ),
        pytest.param(
            "import a.b\nimport c\na.b.use(c)\n", "import a.b\nimport c\nuse(c)\n", "nothing", "import c\nuse(c)\n", id="a dotted module"
        ),
        pytest.param("import a as b\nb.use()\n", "import a as b\nuse()\n", "nothing", "use()\n", id="another name of a module"),
        pytest.param(
            "import unused\nimport a\na.use()\n", "import unused\nimport a\n", "nothing", "import unused\n", id="what was not used before"
        ),
        pytest.param(
            "from a import b, c\ndef f(x: 'b.Thing') -> 'list[c]': use(b, c)\n",
            "from a import b, c\ndef f(x: 'b.Thing') -> 'list[c]': use()\n",
            "nothing",
            "from a import b, c\ndef f(x: 'b.Thing') -> 'list[c]': use()\n",
            id="what a quoted annotation reads stays",
        ),
        pytest.param(
            "def f():\n    import a\n    a.use()\n",
            "def f():\n    import a\n    use()\n",
            "nothing",
            "def f():\n    use()\n",
            id="in a function",
        ),
        pytest.param(
            "def f():\n    import a\n    a.use()\n", "def f():\n    import a\n", "nothing", "def f():\n    pass\n", id="all of a function"
        ),
        pytest.param(
            "from __future__ import annotations\nuse()\n",
            "from __future__ import annotations\n",
            "nothing",
            "from __future__ import annotations\n",
            id="the future",
        ),
        pytest.param(
            "from shop.models import Order\n",
            "from shop.models import Order\n",
            "a name",
            "from shop.models import Cart, Order\n",
            id="beside others",
        ),
        pytest.param(
            "from shop.models import Cart\n",
            "from shop.models import Cart\n",
            "a name",
            "from shop.models import Cart\n",
            id="what is there",
        ),
        pytest.param(
            "from shop.models import Cart as Basket\n",
            "from shop.models import Cart as Basket\n",
            "a name",
            "from shop.models import Cart, Cart as Basket\n",
            id="what is there under another name",
        ),
        pytest.param(
            "def f():\n    import json\n",
            "def f():\n    import json\n",
            "a module",
            "import json\n\ndef f():\n    import json\n",
            id="what only a function has",
        ),
        pytest.param(
            "if TYPE_CHECKING:\n    from shop.models import Cart\n",
            "if TYPE_CHECKING:\n    from shop.models import Cart\n",
            "a name",
            "from shop.models import Cart\n\nif TYPE_CHECKING:\n    from shop.models import Cart\n",
            id="what only a type checker reads",
        ),
        pytest.param(
            '"""About it."""\n\nimport os\nuse()\n',
            '"""About it."""\n\nimport os\nuse()\n',
            "a relative name",
            '"""About it."""\n\nimport os\nfrom .models import Cart\n\nuse()\n',
            id="after the other imports",
        ),
        pytest.param(
            "import os\nfrom openai import OpenAI\nimport sys\n",
            "import os\nfrom openai import OpenAI\nimport sys\n",
            "a module",
            "import os\nfrom openai import OpenAI\nimport json\nimport sys\n",
            id="after the one of the SDK",
        ),
    ],
)
def test_imports_follow_an_edit(before: str, edited: str, wanted: str, after: str) -> None:
    assert with_imports(before, cst.parse_module(edited), _WANTED[wanted]).code == after
