# The app as a container: docker build -t digit-styles . && docker run --rm -p 8501:8501 digit-styles
FROM python:3.11-slim

# PyTorch's CPU wheels; torch and torchvision must come from one index.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    HOME=/tmp

WORKDIR /app
COPY requirements.txt .
RUN grep -E '^torch(vision)?==' requirements.txt > torch.txt \
 && pip install --no-cache-dir --index-url "${TORCH_INDEX_URL}" -r torch.txt \
 && pip install --no-cache-dir -r requirements.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY ui ui
COPY vae_model vae_model
COPY checkpoints checkpoints

USER 10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.port=8501", "--server.address=0.0.0.0"]
