# Stands in for the official image of Go with this machine's Go and the modules that our go.mod names. No Debian is under it:
# the Dockerfile needs a shell, the certificates and Go, whose programs are static.
FROM golang
COPY go /usr/local/go
COPY modules /usr/local/share/modules
COPY build-cache /root/.cache/go-build
ENV GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    GOPROXY=file:///usr/local/share/modules
RUN mkdir -p -m 1777 /go/src /go/bin
WORKDIR /go
CMD ["sh"]
