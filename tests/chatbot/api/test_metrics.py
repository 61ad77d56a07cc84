"""What is counted for whoever runs the service."""

from pathlib import Path

from tests.chatbot.api_site import site


def test_metrics_count_requests_by_route_and_replies_by_kind(tmp_path: Path) -> None:
    with site(tmp_path) as api:
        for query in ("환불은 언제 되나요?", "qqqq zzzz"):
            api.post("/v1/ask", {"query": query})
        api.get("/v1/faqs/refund-1")
        api.get("/v1/faqs/refund-2")
        api.client.request("LOCK", "/v1/ask")  # a method, but none of ours
        api.get("/nope")
        lines = api.get("/metrics").text.splitlines()
    for wanted in (
        'mundap_requests_total{method="POST",route="/v1/ask",status="200"} 2.0',
        'mundap_requests_total{method="GET",route="/v1/faqs/{entry_id:path}",status="200"} 2.0',
        'mundap_requests_total{method="GET",route="page",status="404"} 1.0',
        'mundap_request_seconds_count{route="/v1/ask"} 3.0',
        'mundap_replies_total{kind="answer"} 1.0',
        'mundap_replies_total{kind="unknown"} 1.0',
        "mundap_generation 1.0",
    ):
        assert wanted in lines
    assert not any("LOCK" in line for line in lines)
    age = next(line for line in lines if line.startswith("mundap_generation_age_seconds "))
    assert 0 <= float(age.split()[1]) < 3600
