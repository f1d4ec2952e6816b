# Imitates the official image of Go with this machine's Go and the modules that our go.mod names. It has no C compiler and
# no git: the Dockerfile needs neither.
FROM scratch
ADD rootfs.tar /
COPY go /usr/local/go
COPY modules /usr/local/share/modules
COPY build-cache /root/.cache/go-build
ENV GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    GOPROXY=file:///usr/local/share/modules
RUN mkdir -p -m 1777 /go/src /go/bin
WORKDIR /go
CMD ["bash"]
