# ibid without torch and gradio, for servers: docs/installing.md. Made of light.txt, whose digests pip checks.
FROM python:3.13-slim AS build
RUN python -m venv /opt/ibid
ENV PATH=/opt/ibid/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY light.txt constraints.txt /src/
RUN pip install --require-hashes --no-deps -r /src/light.txt
COPY pyproject.toml README.md LICENSE /src/
COPY docs/ibid.1 /src/docs/
COPY src /src/src
RUN pip install --no-deps --build-constraint /src/constraints.txt /src \
  && pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=build /opt/ibid /opt/ibid
RUN useradd --uid 10001 --no-create-home --home-dir /index ibid \
  && install --directory --owner=ibid --mode=0700 /index /index/kept
ENV PATH=/opt/ibid/bin:$PATH \
  IBID_ARTICLES=/articles IBID_INDEX=/index/index IBID_KEEP=/index/kept \
  IBID_HOST=0.0.0.0 IBID_PORT=7860 PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME ["/index"]
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:7860/api/status', headers={'Authorization': 'Bearer ' + os.environ.get('IBID_TOKEN', '')}), timeout=4)"]
ENTRYPOINT ["ibid"]
CMD ["serve"]
