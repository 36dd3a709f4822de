"""A provider is a record, a provider file, a config class and tests. Here one is added with the
first three and nothing else, and makes a picture."""

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image

import imagegen.providers
from fetchhive.settings import provider_routes
from imagegen import catalogue, config
from imagegen.models import Attempt, Charge
from imagegen.providers import registry

RECORD = """
id = "easel-1"
provider = "easel"
wire_id = "easel-1"
label = "easel-1"
note = ""
listed = "main"
position = 50
status = "active"
successor = ""
charge_types = ["hosted"]
prompt_max_length = 1000
parameters = { medium = "oil" }

[route]
name = "easel"
base_url = "https://easel.example/v7"

[count]
label = "Image Count"
minimum = 1
maximum = 2
default = 1
one_call = false
at_once = 2

[settings.image_size]
kind = "choice"
label = "Canvas"
parameter = "canvas"
default = "small"
choices = [{ value = "small", label = "Small", width = 32, height = 24 }]

[deadline]
seconds = 20

[storage]
bytes_per_pixel = { png = 4 }
overhead_bytes = 1000
auto_pixels = 1000

[estimate]
kind = "fixed"
image_tokens = 0
rough = false

[[prices]]
valid_from = 2026-01-01
source = "a test"
read = 2026-01-01
rates = { image = 70_000 }
"""
PROVIDER_FILE = """
from imagegen.errors import Fault
from imagegen.providers.contract import Picture, Refusal, Request, Result, Usage

label = "Easel"


def request(config, prompt, key, base_url):
    body = {"paint": prompt, "canvas": config.image_size, **config.record.parameters}
    return Request(f"{base_url}/paintings", {"Easel-Key": key}, body)


def parse(status, headers, body):
    if status != 200:
        return Refusal(Fault.MODEL_RETIRED, said=body.start(99).decode())
    return Result((Picture(body.json()["painting"]),), Usage(), {})
"""


def painting():
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


class Vendor(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key = self.headers["easel-key"]
        self.server.asked.append((self.path, key, body))
        is_known = body["paint"] != "Something else"
        answer = json.dumps({"painting": painting()}) if is_known else f"Not for {key}."
        answer = answer.encode()
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Silent."""


@pytest.fixture
def vendor():
    with HTTPServer(("127.0.0.1", 0), Vendor) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def forget():
    for remembered in (catalogue.models, catalogue._by_id, catalogue.routes, catalogue.version):
        remembered.cache_clear()
    registry.get.cache_clear()


@pytest.fixture
def easel(tmp_path, monkeypatch, settings, vendor):
    """The record and the provider file in folders of their own, and the class."""
    for record in catalogue.FOLDER.glob("*.toml"):
        (tmp_path / record.name).symlink_to(record)
    Path(tmp_path, "easel-1.toml").write_text(RECORD)
    Path(tmp_path, "easel.py").write_text(PROVIDER_FILE)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(
        imagegen.providers, "__path__", [*imagegen.providers.__path__, str(tmp_path)]
    )
    forget()

    class EaselConfig(config.Config):
        provider = "easel"

        image_size: str

    monkeypatch.setenv("FETCHHIVE_EASEL_API_KEY", "ek-0123456789")
    monkeypatch.setenv("FETCHHIVE_EASEL_BASE_URL", f"http://127.0.0.1:{vendor.server_port}/v7")
    settings.PROVIDER_ROUTES = provider_routes()
    yield vendor
    del config.CONFIGS["easel"]
    forget()


def test_a_record_a_provider_file_and_a_config_class_make_a_provider(
    easel, workflow, step_of, press_run, let_the_hive_work, page, address_of
):
    step = step_of(workflow, "A hive", model="easel-1", image_count=2)
    html = page.get(address_of(step, "step-settings")).text
    assert "easel-1 · Easel · hosted only · live" in html
    assert "Canvas" in html
    assert "2 images × $0.07 each" in html

    press_run(step)
    let_the_hive_work()

    step_run = step.runs.get()
    assert step_run.status == "succeeded"
    asked = {"paint": "A hive", "canvas": "small", "medium": "oil"}
    assert easel.asked == [("/v7/paintings", "ek-0123456789", asked)] * 2
    output = step_run.output_for_later_steps
    assert output["settings"] == {
        "provider": "easel",
        "model": "easel-1",
        "image_count": 2,
        "image_size": "small",
    }
    assert [(each["width"], each["height"]) for each in output["assets"]] == [(32, 24)] * 2
    assert [charge.amount_micro for charge in Charge.objects.all()] == [70_000, 70_000]
    assert not Attempt.objects.filter(simulated=True).exists()


def test_a_key_that_the_vendor_echoes_is_not_kept_whatever_it_looks_like(
    easel, workflow, step_of, press_run, let_the_hive_work
):
    step = step_of(workflow, "Something else", model="easel-1")
    press_run(step)
    let_the_hive_work()
    assert Attempt.objects.get().said == f"Not for {'*' * 13}."


def test_without_a_key_a_provider_that_nothing_simulates_is_shown_and_not_called(
    easel, workflow, step_of, press_run, let_the_hive_work, settings, monkeypatch, page, address_of
):
    monkeypatch.delenv("FETCHHIVE_EASEL_API_KEY")
    settings.PROVIDER_ROUTES = provider_routes()
    step = step_of(workflow, model="easel-1")
    html = page.get(address_of(step, "step-settings")).text
    assert "easel-1 · Easel · hosted only · no key" in html

    press_run(step)
    let_the_hive_work()

    assert step.runs.get().error["error_code"] == "hosted_model_unavailable"
    assert easel.asked == []
