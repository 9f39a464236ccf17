# The app as a container:
#   docker build -t digit-styles .
#   docker run --rm -p 8501:8501 --read-only --tmpfs /tmp -v runs:/runs -v data:/data digit-styles
# Without PyTorch, for those who only show models:
#   docker build --target serve -t digit-styles-serve .
#   docker run --rm -p 8501:8501 --read-only --tmpfs /tmp digit-styles-serve

FROM python:3.11-slim AS base
LABEL org.opencontainers.image.title="Digits with a style" \
      org.opencontainers.image.description="An interactive conditional-latent VAE of handwritten digits" \
      org.opencontainers.image.licenses="MIT"
# A read-only container can write to /tmp, and to the volumes of trainings and of their data if there
# are any.
ENV PATH=/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    STREAMLIT_SERVER_PORT=8501 \
    VAE_DATA_DIR=/data \
    VAE_RUNS_DIR=/runs
# A page takes servers with different machine ids for different apps, and drops what it holds where a
# proxy passes it on from one container to another.
RUN install -d -o 10001 -g 10001 /runs /data && \
    echo d1917e5171a15a57d1e0000000000001 > /etc/machine-id
WORKDIR /app
USER 10001:10001
EXPOSE 8501
# (podman keeps it where the image is built with --format docker.)
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as r; e = os.environ.get; r.urlopen('/'.join(filter(None, ['http://127.0.0.1:' + e('STREAMLIT_SERVER_PORT'), e('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'), '_stcore/health'])), timeout=4)"]
# Without a shell in between, so that SIGTERM reaches the server.
CMD ["python", "-m", "streamlit", "run", "app.py"]

# Owned by root and so not writable by the app.
FROM scratch AS app
WORKDIR /app
COPY .streamlit .streamlit
COPY checkpoints checkpoints
COPY vae_model vae_model
COPY ui ui
COPY app.py ./

FROM python:3.11-slim AS serve-packages
RUN python -m venv --without-pip /packages
COPY requirements-serve.txt /
RUN python -m pip --python /packages/bin/python install --no-cache-dir -r /requirements-serve.txt

FROM base AS serve
COPY --from=serve-packages /packages /packages
COPY --from=app /app /app

# The two lines of torch by themselves, so that no other change downloads it again.
FROM python:3.11-slim AS pins
COPY requirements.txt /
RUN grep -E '^torch(vision)?==' /requirements.txt > /torch.txt

FROM python:3.11-slim AS packages
# PyTorch's CPU wheels; torch and torchvision must come from one index.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
RUN python -m venv --without-pip /packages
COPY --from=pins /torch.txt /
RUN python -m pip --python /packages/bin/python install --no-cache-dir --index-url "${TORCH_INDEX_URL}" -r /torch.txt
COPY requirements.txt requirements-serve.txt /
RUN python -m pip --python /packages/bin/python install --no-cache-dir -r /requirements.txt

FROM base
COPY --from=packages /packages /packages
COPY --from=app /app /app
