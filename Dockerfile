# Lingxi as one image: the program, its pinned packages and the models they carry.
FROM python:3.11-slim AS build
# For a smaller image without CUDA, point this at an index with CPU builds of torch.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/lingxi
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY app app
COPY dialogue dialogue
COPY speech speech
COPY fusion fusion
COPY web web
RUN /opt/lingxi/bin/pip install -c constraints.txt .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/lingxi --create-home lingxi
COPY --from=build /opt/lingxi /opt/lingxi
COPY data/domains /usr/share/lingxi/domains
COPY data/models /usr/share/lingxi/models
ENV PATH=/opt/lingxi/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LINGXI_ENVIRONMENT=production \
    LINGXI_HOST=0.0.0.0 \
    LINGXI_VAR=/var/lib/lingxi \
    LINGXI_DOMAINS=/usr/share/lingxi/domains \
    LINGXI_MODELS=/usr/share/lingxi/models
USER lingxi
VOLUME /var/lib/lingxi
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/readyz', timeout=4)"]
ENTRYPOINT ["lingxi"]
CMD ["serve"]
