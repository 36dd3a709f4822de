# One image for web, worker, sweep and prepare: compose.yaml says which.

FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FETCHHIVE_DATA=/data \
    HOST=0.0.0.0 \
    PORT=8000 \
    STATIC_ROOT=/srv/fetchhive/static-collected

WORKDIR /srv/fetchhive

COPY requirements-prod.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-prod.txt

COPY manage.py ./
COPY fetchhive fetchhive
COPY workflows workflows
COPY imagegen imagegen
COPY templates templates
COPY static static

# The key signs nothing: it is there so that none is made and kept in the image.
RUN SECRET_KEY=of-the-build python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --uid 10001 --no-create-home fetchhive \
    && mkdir /data \
    && chown fetchhive /data

USER fetchhive
EXPOSE 8000

# A proxy in front would say so; without BEHIND_PROXY the header is ignored.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', headers={'X-Forwarded-Proto': 'https'}), timeout=4)"]

CMD ["python", "manage.py", "web"]
