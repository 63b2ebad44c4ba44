"""Places to read from and write to over a network, all of them in this process: an S3 store and web servers."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from pyarrow.fs import FileSelector, FileSystem, FileType

BUCKET = "corpora"


@contextmanager
def s3_store():
    """Run an S3 store for as long as the block lasts; the environment leads to it."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server.get_host_and_port()))
        patch.setenv("AWS_ACCESS_KEY_ID", "user")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "password")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # The files that an earlier store was opened with lead to a server that is gone.
        from korpus.io import stores

        stores._made.cache_clear()
        fs, _ = FileSystem.from_uri(f"s3://{BUCKET}?allow_bucket_creation=true")
        fs.create_dir(BUCKET)
        try:
            yield Bucket(fs)
        finally:
            stores._made.cache_clear()
            server.stop()


class Bucket:
    """What is in the bucket, seen past korpus."""

    def __init__(self, fs):
        self.fs = fs

    def put(self, key, data):
        with self.fs.open_output_stream(f"{BUCKET}/{key}", compression=None) as file:
            file.write(data)
        return f"s3://{BUCKET}/{key}"

    def put_folder(self, folder, key):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(f"{key}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        return f"s3://{BUCKET}/{key}"

    def files(self, key):
        """Return the content of all files of a folder."""
        found = self.fs.get_file_info(FileSelector(f"{BUCKET}/{key}", recursive=True, allow_not_found=True))
        files = [info.path for info in found if info.type == FileType.File]
        return {path[len(f"{BUCKET}/{key}/") :]: self.fs.open_input_file(path).read() for path in files}

    def remove(self, key):
        self.fs.delete_file(f"{BUCKET}/{key}")


class Site:
    """What a web server has, and how it behaves.

    Attributes
    ----------
    files : dict of str to bytes
        By path.
    ranges : bool
        Whether it gives out parts of files.
    status : int
        Of every answer, if it is not 200.
    breaks_after : int
        It ends an answer after so many bytes.
    user : str
        What the header Authorization must be.
    asked : list of (str, str)
        Path and range of every request.
    """

    def __init__(self):
        self.files, self.asked = {}, []
        self.ranges, self.status, self.breaks_after, self.user = True, 200, None, None


@contextmanager
def web_server():
    """Run a web server for as long as the block lasts; yield its address and its `Site`."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, wanted = unquote(urlsplit(self.path).path), self.headers.get("Range")
            site.asked.append((path, wanted))
            data = site.files.get(path)
            if site.user and self.headers.get("Authorization") != site.user:
                return self.send_error(401)
            if path.startswith("/moved/"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/moved"))
                self.send_header("Content-Length", "0")
                return self.end_headers()
            if site.status != 200 or data is None:
                return self.send_error(site.status if data is not None else 404)
            headers = {"ETag": f'"{hash(data)}"'}
            if site.ranges and wanted:
                start, stop = map(int, re.fullmatch("bytes=([0-9]+)-([0-9]+)", wanted).groups())
                if start >= len(data):
                    self.send_response(416)
                    headers["Content-Range"] = f"bytes */{len(data)}"
                    data = b""
                else:
                    self.send_response(206)
                    headers["Content-Range"] = f"bytes {start}-{min(stop + 1, len(data)) - 1}/{len(data)}"
                    data = data[start : stop + 1]
            else:
                self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data if site.breaks_after is None else data[: site.breaks_after])
            return None

        do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
