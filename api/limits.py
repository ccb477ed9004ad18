"""How much one request may hold: bounds that are checked before anything is read for it."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MAX_BODY_BYTES = 1_048_576
MAX_DOCUMENT_LENGTH = 65_536  # characters
MAX_TOKENS = 4_000
MAX_DEPTH = 16  # GraphiQL's introspection has 13
MAX_VALIDATION_ERRORS = 20


def depth(document: DocumentNode) -> int:
    """Return how deep the fields of a valid document are nested at most.

    Examples
    --------
    >>> from graphql import parse
    >>> depth(parse("{ a { ...b } } fragment b on B { c { d } e }"))
    3
    """
    fragments = {
        definition.name.value: definition.selection_set
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    of_fragments: dict[str, int] = {}  # each is measured once, however often it is spread

    def below(selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        deepest = 0
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    deepest = max(deepest, 1 + below(selection.selection_set))
                case InlineFragmentNode():
                    deepest = max(deepest, below(selection.selection_set))
                case FragmentSpreadNode():
                    name = selection.name.value
                    if name not in of_fragments:
                        of_fragments[name] = below(fragments[name])
                    deepest = max(deepest, of_fragments[name])
                case _:
                    pass
        return deepest

    operations = (
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )
    return max((below(selections) for selections in operations), default=0)
