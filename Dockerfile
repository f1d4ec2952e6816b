# Two images: `programs` (the default) has worker and starter, `sandbox` the stand-ins of both systems.
#   docker build -t tampuuri-hillava .
#   docker build -t tampuuri-hillava-sandbox --target sandbox .
# Neither has a shell, a package manager or a user with rights: only static programs and the certificates they trust.
# Time zones are linked into the programs, by a tag: time/tzdata imported by a program comes too late for a library that
# asks for the local time as it is initialized, and TZ would be without effect.

FROM golang:1.26.8-bookworm AS build
# Found by this when stages of earlier builds are to be removed: docker image prune --filter label=tampuuri-hillava.stage
LABEL tampuuri-hillava.stage=build
WORKDIR /source
# Modules first: they change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# -trimpath: no path of the building machine in errors, and the same bytes wherever it is built.
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false -tags=timetzdata"
RUN mkdir -p /out/programs /out/sandbox /out/empty && \
    go build -ldflags="-s -w" -o /out/programs/ ./worker ./starter && \
    go build -ldflags="-s -w" -o /out/sandbox/ ./sandbox/standins

FROM scratch AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# A new volume gets the owner of the folder that it is mounted on; without this one it would be root's.
COPY --from=build --chown=65532:65532 /out/empty /settings
USER 65532:65532

FROM base AS sandbox
COPY --from=build /out/sandbox/standins /standins
EXPOSE 8090 8091 8092
ENTRYPOINT ["/standins"]

FROM base AS programs
COPY --from=build /out/programs/worker /out/programs/starter /
# 8088 webhooks; 9091 (worker) and 9092 (starter serve) health and metrics, for the inside only.
EXPOSE 8088 9091 9092
CMD ["/worker"]
