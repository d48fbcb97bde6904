# The same start command as `make run`. With nothing set the container serves the embedded default out of /data;
# docs/configuration.md has what production sets.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# The packages change seldom, the code often: they get a layer of their own.
# --build-arg AI=1 adds what finding by meaning needs (AI_EMBEDDING_MODEL).
ARG AI=
COPY requirements.txt requirements-ai.txt /tmp/
RUN pip install --require-hashes -r /tmp/requirements.txt ${AI:+-r /tmp/requirements-ai.txt} \
    && pip uninstall --yes pip \
    && python -m compileall -q /venv
WORKDIR /app
COPY manage.py ./
COPY e_learning ./e_learning
COPY accounts ./accounts
COPY courses ./courses
COPY attendance ./attendance
COPY chatbot ./chatbot
COPY community ./community
COPY payments ./payments
COPY locale ./locale
# The key is only good for this step (production refuses it), and what else settings write goes to a folder that is left
# behind. The static files stay in the image, outside the volume, so that they always belong to its version.
RUN SECRET_KEY=insecure-build-only-key DATA_DIR=/tmp/data STATIC_ROOT=/app/static \
      python manage.py collectstatic --noinput \
    && python -m compileall -q /app

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --home-dir /data --no-create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/static
WORKDIR /app
USER app
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "manage.py", "healthcheck"]
CMD ["python", "manage.py", "serve"]
