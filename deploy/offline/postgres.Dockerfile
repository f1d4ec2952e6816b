# Imitates the official image of Postgres, with the major version that Debian has.
FROM scratch
ADD rootfs.tar /
RUN mkdir /docker-entrypoint-initdb.d && \
    echo 'en_US.UTF-8 UTF-8' >>/etc/locale.gen && locale-gen >/dev/null && \
    install -d -o postgres -g postgres -m 3777 /var/run/postgresql && \
    install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
ARG MAJOR
ENV LANG=en_US.utf8 PG_MAJOR=$MAJOR PGDATA=/var/lib/postgresql/data \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/$MAJOR/bin
# The official image listens on all addresses unless told otherwise.
RUN sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" /usr/share/postgresql/$MAJOR/postgresql.conf.sample && \
    grep -q "^listen_addresses = '\*'" /usr/share/postgresql/$MAJOR/postgresql.conf.sample
VOLUME /var/lib/postgresql/data
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
