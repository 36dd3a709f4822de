from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.template import Context, Template
from django.test import RequestFactory

from workflows.undo import say_with_undo


def test_a_message_carries_the_address_that_undoes_it():
    request = RequestFactory().get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    say_with_undo(request, "Deleted “<b>”.", "/w/acme/undo")
    template = Template(
        "{% load undo %}{% for m in messages %}{{ m }}|{{ m|undo_address }}{% endfor %}"
    )
    shown = template.render(Context({"messages": get_messages(request)}))
    assert shown == "Deleted “&lt;b&gt;”.|/w/acme/undo"
