# The app as a container:
#   docker build -t digit-styles .
#   docker run --rm -p 8501:8501 --read-only --tmpfs /tmp -v runs:/runs digit-styles

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
COPY requirements.txt /
RUN python -m pip --python /packages/bin/python install --no-cache-dir -r /requirements.txt

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Digits with a style" \
      org.opencontainers.image.description="An interactive conditional-latent VAE of handwritten digits" \
      org.opencontainers.image.licenses="MIT"
# A read-only container can write to /tmp, and to the volume of trainings if there is one.
ENV PATH=/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    STREAMLIT_SERVER_PORT=8501 \
    VAE_RUNS_DIR=/runs
RUN install -d -o 10001 -g 10001 /runs
COPY --from=packages /packages /packages
# Owned by root and so not writable by the app.
WORKDIR /app
COPY .streamlit .streamlit
COPY checkpoints checkpoints
COPY vae_model vae_model
COPY ui ui
COPY app.py ./

USER 10001:10001
EXPOSE 8501
# (podman keeps it where the image is built with --format docker.)
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as r; e = os.environ.get; r.urlopen('/'.join(filter(None, ['http://127.0.0.1:' + e('STREAMLIT_SERVER_PORT'), e('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'), '_stcore/health'])), timeout=4)"]
# Without a shell in between, so that SIGTERM reaches the server.
CMD ["python", "-m", "streamlit", "run", "app.py"]
