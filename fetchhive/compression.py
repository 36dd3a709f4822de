from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Pages and fragments. What is sent as a file, such as an image, is compressed already.

    The length of a compressed page could be made to tell a secret in it, so Django masks its tokens
    anew each time and adds up to a hundred random bytes.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)
