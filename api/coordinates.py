"""What a document asks for, by the names of schema coordinates."""

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from api.access import RULES


def coordinates(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """Return what a valid document asks for: ``Type.field``, and ruled arguments.

    The names are schema coordinates; introspection, open to whoever may ask at all, is left out.
    """
    type_info = TypeInfo(schema)
    collector = _Collector(type_info)
    visit(document, TypeInfoVisitor(type_info, collector))
    return frozenset(collector.found)


class _Collector(Visitor):
    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self._type_info = type_info
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._type_info.get_parent_type()
        is_introspection = parent and parent.name.startswith("__")
        if parent and not is_introspection and not node.name.value.startswith("__"):
            field = f"{parent.name}.{node.name.value}"
            arguments = {f"{field}({argument.name.value}:)" for argument in node.arguments}
            self.found |= {field} | (arguments & RULES.keys())
