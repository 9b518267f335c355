# Small, not root, with a health check. Two steps: build what is installed, then take only that.
FROM python:3.11-slim AS build
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY bot bot
COPY nlu nlu
COPY data data
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --constraint constraints.txt --editable . \
 && /venv/bin/python -m bot languages compile

FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-core && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 rahnuma && mkdir -p /app/var /secrets && chown rahnuma /app/var /secrets
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY config.yml ./
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 RAHNUMA_SECRET_KEY_FILE=/secrets/secret.key
USER rahnuma
VOLUME ["/app/var", "/secrets"]
EXPOSE 8443
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
