"""What of a value of the alerts topic is a recommendation to act on; nothing but the standard library."""

import json


def recommendation(message):
    """The part of a retrain.recommended event that a DAG needs, or None for whatever else stands on the topic.

    `message` is the record as the Kafka hook gives it. What it returns becomes the payload of the asset event.
    """
    value = message.value()
    if value is None:
        return None
    try:
        event = json.loads(value)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("type") != "io.driftline.retrain.recommended.v1":
        return None
    if event.get("silenced"):
        return None
    data = event["data"]
    return {
        "job_key": data["retrain"]["job_key"],
        "model": data["model"],
        "window_end": data["window"]["end"],
        "triggers": data["retrain"]["triggers"],
        "features": [column["feature_name"] for column in data["columns"]],
    }
