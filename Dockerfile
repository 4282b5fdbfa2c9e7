# Two images of one build:  docker build --target server -t fourhands .     docker build --target runner -t fourhands-runner .
# `server` serves rooms and runs no programs; `runner` also has bubblewrap and languages, and wants more rights (compose.yml says which, and why).
# Python's and Node's packages come by the hashes of the lock files; bases by their tags: add a digest here to hold one still.

ARG PYTHON=3.13-slim-bookworm

# ---------------------------------------------------------------- pages, wheel and environment
FROM python:${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
RUN python -m venv /build && python -m venv --without-pip /opt/fourhands

COPY requirements.lock requirements-wheel.lock requirements-node.lock ./
RUN /build/bin/pip install --require-hashes -r requirements-wheel.lock -r requirements-node.lock \
    && /build/bin/pip --python /opt/fourhands/bin/python install --require-hashes -r requirements.lock

COPY web/package.json web/package-lock.json web/
COPY hatch_build.py ./
RUN /build/bin/python hatch_build.py modules

COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY web web
RUN /build/bin/python hatch_build.py \
    && /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /build/bin/pip --python /opt/fourhands/bin/python install --no-deps --no-index /wheel/*.whl

# ---------------------------------------------------------------- what serves
FROM python:${PYTHON} AS server
ARG VERSION=local
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fourhands" \
      org.opencontainers.image.description="A self-hosted room where people write and run code together." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

RUN groupadd --system --gid 10001 fourhands \
    && useradd --system --uid 10001 --gid fourhands --home-dir /var/lib/fourhands --no-create-home --shell /usr/sbin/nologin fourhands \
    && install -d -o fourhands -g fourhands -m 0700 /var/lib/fourhands
COPY --from=build /opt/fourhands /opt/fourhands
COPY deploy/healthy.py /opt/fourhands/healthy.py

ENV PATH=/opt/fourhands/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FOURHANDS_HOST=0.0.0.0 \
    FOURHANDS_DATA_DIR=/var/lib/fourhands \
    FOURHANDS_RUNNER=off
USER 10001:10001
WORKDIR /var/lib/fourhands
VOLUME /var/lib/fourhands
EXPOSE 8000
STOPSIGNAL SIGTERM
# The process lives; compose.yml asks /readyz instead.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "/opt/fourhands/healthy.py", "/healthz"]
ENTRYPOINT ["fourhands"]
CMD ["serve"]

# ---------------------------------------------------------------- what runs programs
FROM server AS runner
# Each program gets a user id of its own and no rights; who gives them out is root, with the few capabilities that compose.yml leaves it.
# hadolint ignore=DL3002
USER 0:0
# Debian's packages of the languages to run (`fourhands languages` lists them): docker build --build-arg LANGUAGES="python3 gcc libc6-dev default-jdk-headless" …
ARG LANGUAGES="python3 gcc g++ libc6-dev nodejs perl gawk sqlite3 lua5.4 tcl ruby php-cli golang-go"
# Versions are Debian's: its security updates come with each build.
# hadolint ignore=DL3008,SC2086
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends bubblewrap ${LANGUAGES} \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -m 0755 /var/cache/fourhands
ENV HOME=/tmp FOURHANDS_RUNNER=unix:///run/fourhands/runner.sock
VOLUME /var/cache/fourhands
HEALTHCHECK NONE
CMD ["runner"]
