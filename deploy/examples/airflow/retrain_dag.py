"""Airflow 3: a DAG that runs when Driftline recommends to retrain, and trains once for each key.

Needs apache-airflow-providers-common-messaging and apache-airflow-providers-apache-kafka, a connection `kafka_default` whose
extra names a consumer group of its own with `enable.auto.commit: false`, and this folder on the PYTHONPATH of the triggerer.
"""

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import Asset, AssetWatcher, Variable, dag, task

alerts = Asset(
    "driftline_alerts",
    watchers=[
        AssetWatcher(
            name="driftline_alerts_watcher",
            trigger=MessageQueueTrigger(
                scheme="kafka",
                kafka_config_id="kafka_default",
                topics=["driftline.alerts"],
                apply_function="recommendation.recommendation",
            ),
        )
    ],
)


@dag(schedule=[alerts], catchup=False, max_active_runs=1)
def retrain():
    @task
    def train(triggering_asset_events=None):
        for event in triggering_asset_events[alerts]:
            payload = event.extra["payload"]
            mark = f"driftline_{payload['job_key']}"
            # Kafka delivers at least once; one run at a time makes this look and note enough.
            if Variable.get(mark, default=None) is not None:
                continue
            print(f"training {payload['model']} for {payload['features']}")
            Variable.set(mark, payload["window_end"])

    train()


retrain()
