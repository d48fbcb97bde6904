"""Questions from drafts, end to end: written without a model, chosen by their teacher, met by a learner in a quiz."""

import json
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.chatbot.generation.conftest import CLOUDS, WATER
from tests.flows.platform import Platform
from tests.flows.schema_client import SchemaClient
from tests.flows.test_main_job import right_answer
from tests.flows.test_sandbox import until

COURSE = f"""
<course url_name="2026" org="Flow" course="WATER" display_name="Water and weather" language="en">
  <chapter url_name="c1" display_name="Water">
    <sequential url_name="s1" display_name="On the ground and above it">
      <vertical url_name="u1" display_name="Where water goes">
        <html url_name="h1"><p>{WATER}</p><p>{CLOUDS}</p></html>
      </vertical>
    </sequential>
  </chapter>
</course>
"""


@pytest.mark.timeout(240)
def test_ten_are_drafted_eight_accepted_and_a_learner_meets_those(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "course.xml").write_text(COURSE)
    password = platform.manage("seed_demo").split("Demo password: ")[1].split()[0]
    imported = platform.manage(
        "import_course", str(tmp_path), "--publish", "--instructor", "asha@demo.school", "--json"
    )
    course_id = json.loads(imported.splitlines()[-1])["course_id"]
    owner = SchemaClient(platform.address)
    owner.sign_in(
        owner.call("accounts_login", body={"email": "asha@demo.school", "password": password})["access_token"]
    )
    [module] = owner.call("courses_retrieve", id=course_id)["modules"]
    [lesson] = module["contents"]

    types = ["multiple_choice", "true_false", "fill_in_blank", "numeric"]
    asked = {"content_id": lesson["id"], "kind": "questions", "count": 10, "question_types": types}
    job = _done(owner, owner.call("chatbot_generate", body=asked, expect=202)["job_id"])
    drafts = job["result"]["drafts"]
    assert len(drafts) == 10
    assert all(draft["is_by_rule"] and draft["quote"] in f"{WATER} {CLOUDS}" for draft in drafts)

    quiz_content = {"module_id": module["id"], "title": "Check yourself", "content_type": "quiz"}
    place = owner.call("contents_create", body=quiz_content, expect=201)
    quiz = owner.call("quizzes_create", body={"content_id": place["id"], "title": "Check yourself"}, expect=201)
    edited, *others = drafts[:8]
    chosen = [{"id": edited["id"], "question_text": "Edited by Asha: _____?"}, *({"id": one["id"]} for one in others)]
    body = {"quiz_id": quiz["id"], "drafts": chosen}
    made = owner.call("chatbot_job_accept", id=job["id"], body=body, expect=201)["questions"]
    owner.call("chatbot_job_reject", id=job["id"], body={"drafts": [draft["id"] for draft in drafts[8:]]}, expect=204)
    decided = owner.call("chatbot_job", id=job["id"])["result"]["drafts"]
    assert [draft["status"] for draft in decided] == ["accepted"] * 8 + ["rejected"] * 2

    learner = SchemaClient(platform.address)
    joined = {"email": f"{uuid4().hex}@demo.school", "password": "quite-a-long-word-7"}
    learner.sign_in(learner.call("accounts_register", body=joined, expect=201)["access_token"])
    assert learner.answer("chatbot_job", id=job["id"]).status_code == 404
    learner.call("courses_enroll", id=course_id, expect=201)
    attempt = learner.call("quiz_attempts_start", body={"quiz_id": quiz["id"]}, expect=201)
    texts = {question["question_text"] for question in attempt["questions"]}
    assert texts == {"Edited by Asha: _____?", *(one["question_text"] for one in others)}
    assert len(attempt["questions"]) == 8

    keys = {question["id"]: question for question in made}
    answers = [right_answer(keys[question["id"]], question) for question in attempt["questions"]]
    result = learner.call("quiz_attempts_submit", id=attempt["id"], body={"answers": answers})
    assert (result["score"], result["points_total"]) == (100.0, 8)


def _done(owner: SchemaClient, job_id: int) -> Any:
    """Return the job once it is done; the server's own worker does it."""
    ask = partial(owner.call, "chatbot_job", id=job_id)
    job = until(ask, lambda job: job["status"] in {"succeeded", "failed"}, seconds=90)
    assert (job["status"], job["percent"]) == ("succeeded", 100), job["error"]
    return job
