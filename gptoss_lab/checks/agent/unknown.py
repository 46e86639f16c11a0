"""Objects of which nothing is known: alarm only where nothing that is loaded could be meant."""

from __future__ import annotations

import ast

from gptoss_lab.checks.agent.calls import Calls
from gptoss_lab.checks.agent.columns import Columns
from gptoss_lab.checks.agent.library import Library, near
from gptoss_lab.checks.agent.members import ALIKE
from gptoss_lab.checks.agent.operators import instances
from gptoss_lab.checks.agent.values import Value


class Unknown(Calls):
    """Judges members by all classes that are loaded, and by the columns that tables may have."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self.columns = Columns()

    def column(self, node: ast.Attribute, classes: tuple[type, ...]) -> Value:
        """Check a table's attribute that no class has: a column, or a mistake."""
        if isinstance(node.ctx, ast.Load) and not self.columns.may_have(node.attr):
            self.absent(node, classes[0], node.attr)
            return None
        return instances(("pandas.Series",))

    def unknown_receiver(self, node: ast.Attribute) -> None:
        """Alarm when no class that is loaded has such a method."""
        name = node.attr
        if not self.library.complete or not self.library.has_packages or name in self.excused:
            return
        # A name may stand for a module; what a call or an index gives does not.
        found = self.library.candidates
        names = found.names if isinstance(node.value, (ast.Name, ast.Attribute)) else found.members
        if name not in names:
            message = f"No class of the imported packages has a method `{name}`."
            self.report(node, name, message, near(name, names))

    def unknown_attribute(self, node: ast.Attribute) -> None:
        """Alarm when nothing that is loaded has or sets such an attribute, and no column may be meant."""
        name, library = node.attr, self.library
        if not library.complete or not library.has_packages or name in self.excused or self.quiet:
            return
        if name in library.candidates.names or self.columns.may_have(name) or library.sets(name):
            return
        nearest = near(name, library.candidates.members, ALIKE)
        if nearest:
            message = f"Nothing in the imported packages has an attribute `{name}`."
            self.report(node, name, message, nearest)

    def any_receiver(self, node: ast.Call) -> None:
        """Alarm when nothing that is loaded has a method of that name which takes these arguments."""
        func = node.func
        if not isinstance(func, ast.Attribute) or not self.library.complete or not self.library.has_packages:
            return
        if func.attr in self.excused:
            return
        found = self.library.candidates.callables(func.attr)
        if found:
            self.bind(node, found)
