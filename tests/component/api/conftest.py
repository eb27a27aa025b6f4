"""The order of the contract: what ends or deletes something comes after those that need it."""

LATE = ("DELETE", "hangup")


def pytest_collection_modifyitems(items):
    ours = [item for item in items if item.path.parent.name == "api"]
    for item in ours:
        # Schemathesis tells its tests apart by name alone, and of those with one id pytest-xdist runs but one.
        item._id = item.parent.id.child(item.name)
    late = [item for item in ours if any(word in item.name for word in LATE)]
    last = [item for item in ours if item.name.startswith("test_every_route")]
    early = [item for item in ours if item not in late and item not in last]
    places = [place for place, item in enumerate(items) if item in ours]
    for place, item in zip(places, [*early, *late, *last], strict=True):
        items[place] = item
