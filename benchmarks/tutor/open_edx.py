"""What is asked of the course that Open edX shows itself with: its own words are not in this repository.

Its titles bear a number where a unit became several contents; any of them is right.
"""

from benchmarks.tutor.questions import Asked, of


def _of_unit(title: str, *questions: str) -> tuple[Asked, ...]:
    each = [name for unit in title.split(" / ") for name in (unit, *(f"{unit} ({number})" for number in range(1, 5)))]
    return of(" / ".join(each), *questions)


ANSWERABLE = {
    "Open edX demo course": (
        *_of_unit("Cohorts", "What can I use cohorts for?"),
        *_of_unit("Content Groups", "how do I show different content to different learners"),
        *_of_unit("Teams", "What is the difference between public managed and private managed teams?"),
        *_of_unit("Polls", "how do learners vote for their favourite answer", "What is a poll good for?"),
        *_of_unit("Surveys", "How is a survey different from a poll?"),
        *_of_unit("LTI", "What does LTI stand for?", "how can I connect an external tool securely"),
        *_of_unit("SCORM", "What is SCORM?", "which tools export SCORM packages"),
        *_of_unit("Code Grading", "How is submitted code tested automatically?"),
        *_of_unit("Randomized Content", "how do I stop learners from cheating with random questions"),
        *_of_unit("Annotation", "What are annotation problems great for?"),
        *_of_unit("Dropdown Problems", "what is a dropdown problem"),
        *_of_unit("Numerical Input Problems", "can I allow a tolerance for a number answer"),
        *_of_unit("Text Input Problems", "How do I accept common spelling mistakes in an answer?"),
        *_of_unit("Multi-Select Multiple Choice Problems", "when is a checkbox problem correct"),
        *_of_unit("Moderating Discussions", "Who can moderate discussions?"),
        *_of_unit("Introducing Discussions", "What are blackout dates?"),
        *_of_unit("Types of Discussion", "what is the difference between in-content and general topics"),
        *_of_unit("Peer Assessment", "How do students grade their peers with a rubric?"),
        *_of_unit("Transcripts and Subtitles", "why should videos have subtitles", "How do I make an SRT file?"),
        *_of_unit("Images", "how do I insert an image", "Where do I add the alt text?"),
        *_of_unit("HTML", "How do I get to the raw HTML editor?"),
        *_of_unit("PDFs", "How can I embed a PDF?"),
        *_of_unit("Library Content", "what is a content library", "How do I reuse content in several courses?"),
        *_of_unit("Subsection Pre-Requisites", "can I lock a subsection until a minimum score is reached"),
        *_of_unit("Course Structure", "What is the largest piece of a course?"),
        *_of_unit("The LMS", "what do the green checkmarks mean"),
        *_of_unit("Studio", "Where are courses built and configured?"),
        *_of_unit("Electric Circuit Simulator", "how do I arrange resistors and voltage sources"),
        *_of_unit("Protein Builder", "How do you make a protein shape from amino acids?"),
        *_of_unit("The Benefits of Open Source", "What is open source software?"),
        *_of_unit("The Open edX Marketplace", "where do I find a provider for hosting"),
        *_of_unit("Open edX® vs. edX.org®", "What is the difference between Open edX and edX.org?"),
    )
}
UNANSWERABLE = {
    "not in the demo course": tuple(
        Asked(question)
        for question in (
            "What are root hairs for?",
            "How do I sign the letter A?",
            "What is photosynthesis?",
            "how do I introduce myself in English",
            "Who is the prime minister of India?",
            "How do I cook rice?",
            "when did the second world war end",
            "How do I install Moodle on Windows?",
            "what does a subscription to Netflix cost",
            "how do proteins help to build muscles",
            "Why is the sky blue?",
            "how do I repair an electric kettle",
            "What is the boiling point of water?",
            "who won the election in 2019",
            "तुलसी को कितना पानी देना चाहिए?",
            "How do I train a dog?",
            "What is the salary of a teacher in Kerala?",
            "how many moons does Jupiter have",
            "tell me about the Roman gods",
            "How do I become a pilot?",
        )
    )
}
