# syntax=docker/dockerfile:1
FROM python:3.11-slim AS packages
COPY requirements.txt /
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /srv partner \
    && install --directory --owner=partner /srv/data
COPY --from=packages /venv /venv
WORKDIR /srv/app
COPY partner_center partner_center
COPY schema schema
COPY resolvers resolvers
COPY workers workers
COPY domain domain
COPY models models
COPY kit kit
# Here, since the user below may not write beside the code.
RUN /venv/bin/python -m compileall -q .
ENV PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/srv/data \
    LOG_JSON=true
USER partner
EXPOSE 8000
ENTRYPOINT ["/venv/bin/python", "-m", "partner_center"]
# Without DATABASE_URL and REDIS_URL: everything in one container, to try it out.
CMD ["run"]
