"""The methods that the blocking and the asynchronous client have in common: one for each operation."""

from __future__ import annotations

from gptoss_lab.client import calls_code, calls_documents, calls_sandboxes, calls_server
from gptoss_lab.client.method import Method


class Api:
    """Every call of the interface; the class that sends them is the other base of each client."""

    submit_generation = Method(calls_code.submit_generation)
    submit_execution = Method(calls_code.submit_execution)
    preview_prompt = Method(calls_code.preview_prompt)
    list_jobs = Method(calls_code.list_jobs)
    get_job = Method(calls_code.get_job)
    cancel_job = Method(calls_code.cancel_job)
    get_job_request = Method(calls_code.get_job_request)
    replay_job = Method(calls_code.replay_job)
    add_needed_packages = Method(calls_code.add_needed_packages)

    list_corpora = Method(calls_documents.list_corpora)
    index_source = Method(calls_documents.index_source)
    search_corpora = Method(calls_documents.search_corpora)
    search_corpus = Method(calls_documents.search_corpus)
    refresh_corpus = Method(calls_documents.refresh_corpus)
    remove_corpus = Method(calls_documents.remove_corpus)

    list_sandboxes = Method(calls_sandboxes.list_sandboxes)
    start_sandbox = Method(calls_sandboxes.start_sandbox)
    get_sandbox_capabilities = Method(calls_sandboxes.get_sandbox_capabilities)
    get_sandbox = Method(calls_sandboxes.get_sandbox)
    end_sandbox = Method(calls_sandboxes.end_sandbox)
    list_sandbox_files = Method(calls_sandboxes.list_sandbox_files)
    get_sandbox_file = Method(calls_sandboxes.get_sandbox_file)
    interrupt_sandbox = Method(calls_sandboxes.interrupt_sandbox)
    restart_sandbox = Method(calls_sandboxes.restart_sandbox)
    add_sandbox_packages = Method(calls_sandboxes.add_sandbox_packages)

    get_health = Method(calls_server.get_health)
    get_metrics = Method(calls_server.get_metrics)
    get_monitor = Method(calls_server.get_monitor)
    get_openapi = Method(calls_server.get_openapi)
    get_model = Method(calls_server.get_model)
    start_model = Method(calls_server.start_model)
    stop_model = Method(calls_server.stop_model)
    get_model_plan = Method(calls_server.get_model_plan)
    get_model_logs = Method(calls_server.get_model_logs)
    get_feedback = Method(calls_server.get_feedback)
    send_feedback = Method(calls_server.send_feedback)
    get_report = Method(calls_server.get_report)
